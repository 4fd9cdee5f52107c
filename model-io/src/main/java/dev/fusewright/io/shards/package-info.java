/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */

/**
 * Checkpoints of several files: an index, and the shards that it names.
 *
 * <pre>
 * model.safetensors.index.json      {"metadata": {"total_size": bytes, …}, "weight_map": {tensor: shard, …}, …}
 * model-00001-of-00002.safetensors  a state dict, in a format of its own
 * model-00002-of-00002.safetensors
 * </pre>
 *
 * <p>An index and its shards are one checkpoint with one state dict, in the order of {@code weight_map}. A shard is
 * a file of any format of state dicts that has one state dict at its root: safetensors, or what {@code torch.save}
 * makes of a dict (then the index is a {@code pytorch_model.bin.index.json}).
 *
 * <p>The index decides: a shard holds exactly the tensors that are mapped to it. One that is missing, that is not
 * mapped, or that lies in another shard as well is refused, and so is a name that occurs twice. {@code total_size}
 * is what a person may read; a wrong one is shown, and put right when the index is written.
 *
 * <p>The name of a shard is the name of a file in the index's folder and no path; two that differ by case alone are
 * refused, since not every store can tell them apart. What it leads to, links followed, must be a regular file that
 * lies where the index lies, by its path or, where that is a link too, in truth.
 *
 * <p>Limits: 100 MB of index, 128 MB of heap for what it and the shards say of their tensors (some 300,000), 1,000
 * shards, which are open at the same time.
 *
 * <p>Written: a shard in which nothing changed is copied, byte for byte. One that changed is written by its own
 * format. One that has no tensor any more goes, since nothing in the index would name it. A tensor that is new goes
 * to the shard of its module. The index is written with what it says of its own, but for {@code total_size}, which
 * is counted anew, and {@code total_parameters}, which nobody can count who does not know which tensors are
 * parameters: it is left out, and named as dropped.
 *
 * <p>Must never appear here: the bytes of a particular format; guesses about what names mean.
 */
@NullMarked
package dev.fusewright.io.shards;

import org.jspecify.annotations.NullMarked;
