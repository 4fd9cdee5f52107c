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
 * What is to be fused: a catalogue of models, as JSON Lines, as Avro or as a glob.
 *
 * <p>A catalogue is one JSON object per line, where blank lines do not count, or one Avro record with
 * the same fields, where {@code fuse} is a text:
 *
 * <table>
 * <caption>Fields of an entry</caption>
 * <tr><th>field</th><th>meaning</th></tr>
 * <tr><td>{@code id}</td><td>names the entry, and its output below {@code --output}: relative, with {@code /} between
 * steps, unique</td></tr>
 * <tr><td>{@code uri}</td><td>the model; a relative one is seen from the catalogue's folder</td></tr>
 * <tr><td>{@code format}</td><td>onnx; by default told from the file</td></tr>
 * <tr><td>{@code sha256}</td><td>the entry fails if the file has another one</td></tr>
 * <tr><td>any setting that may stand in an entry</td><td>instead of the run's own; the table is {@link
 * dev.fusewright.pipeline.settings.SettingFields}</td></tr>
 * <tr><td>{@code output}</td><td>instead of the id with the format's extension</td></tr>
 * <tr><td>{@code size}</td><td>bytes of the model, for balancing</td></tr>
 * </table>
 *
 * <p>A glob makes one entry per model: a file, or an index with its shards. Whatever it came from, a run begins by
 * checking the whole catalogue and writing it down, resolved and in the order in which it is dealt out, in its own
 * folder; workers read that.
 *
 * <p>Never here: what is in a model, Beam.
 */
@NullMarked
package dev.fusewright.pipeline.catalogue;

import org.jspecify.annotations.NullMarked;
