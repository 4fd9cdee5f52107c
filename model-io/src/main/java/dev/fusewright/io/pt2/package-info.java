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
 * PyTorch's exported programs: the archive that {@code torch.export.save} writes since torch 2.7.
 *
 * <pre>
 * zip, entries stored, payloads aligned to 64 bytes; all records below one folder of any name
 *   models/NAME.json                        the program, schema version 8: graph, signature, values
 *   data/weights/weight_N                   the bytes of one storage
 *   data/weights/NAME_weights_config.json   which parameter is which view of which storage
 *   data/constants/tensor_N                 lifted and non-persistent tensors, and their config
 *   data/sample_inputs/NAME.pt              example inputs, copied
 *   archive_format, archive_version, byteorder, .data/version, .data/serialization_id, extra/…
 * </pre>
 *
 * <p><b>Read</b> by {@link dev.fusewright.io.pt2.ProgramReader} in one pass that keeps names, arguments and places.
 * {@code io.aten} says the program in ONNX's terms, and which edits an archive can hold. Several programs are one
 * graph, in which the name of each stands before those of its values ({@link dev.fusewright.io.pt2.Pt2Program}).
 *
 * <p><b>Written</b> are the same records in the same order; new weights stand behind the old ones. Of the JSON every
 * byte that does not say something else now is copied ({@link dev.fusewright.io.pt2.Splices}). What was written is read back and held against
 * what was meant, node by node, before it counts as written.
 *
 * <p><b>Refused</b>: the layout of torch before 2.7, AOTInductor and ExecuTorch packages,
 * another major schema version, big-endian archives, and whatever {@code io.archive} refuses. CRCs are checked,
 * which torch does not do. Limits: JSON nested 64 deep, a third of the heap for what is kept of each JSON.
 *
 * <p>Must never appear here: pickles, running code of an archive, what is to be folded.
 */
@NullMarked
package dev.fusewright.io.pt2;

import org.jspecify.annotations.NullMarked;
