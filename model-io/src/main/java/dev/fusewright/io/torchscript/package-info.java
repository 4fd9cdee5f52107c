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
 * TorchScript archives: what {@code torch.jit.save} writes of traced, scripted and frozen models.
 *
 * <pre>
 * zip; all records below one folder of any name
 *   data.pkl                    the root object with all attributes, pickle protocol 2
 *   data/K                      the bytes of one storage
 *   code/__torch__/….py         classes and functions; the path is the qualified name without its last part
 *   code/….py.debug_pkl         source ranges by offsets in the .py
 *   constants.pkl, constants/K  a tuple of tensors, CONSTANTS.cN in code
 *   traced_inputs.pkl, …        what a trace was made with
 *   version or .data/version, byteorder, .data/serialization_id, extra/…
 * </pre>
 *
 * <p><b>Read</b>: {@link dev.fusewright.io.torchscript.PickleParser} keeps the pickle's values as
 * they were written, {@link dev.fusewright.io.torchscript.CodeParser} the code with its places.
 * {@link dev.fusewright.io.torchscript.Interpreter} follows the code from the methods of the root
 * over the objects, calls inlined, and gives a program of operators, which {@code io.aten} says in
 * ONNX's terms. What it does not understand is an operator that nobody knows.
 *
 * <p><b>Written</b> ({@link dev.fusewright.io.torchscript.ScriptEdit}): a folded weight has a
 * storage of its own, a bias comes into its layer's object and class, a BatchNorm's class becomes
 * the identity or the call goes out of the code around it. Objects that share a class and differ
 * afterwards get copies of it. Every other record stays as it is; {@code debug_pkl} of code that
 * changed goes. What was written is read back and held against what was meant, operator by
 * operator, before it counts as written.
 *
 * <p><b>Refused</b>: the lite interpreter's archives, models saved after {@code
 * optimize_for_inference}, archives of torch 1.3, big-endian ones, and whatever {@code io.archive}
 * refuses. CRCs are checked, which torch does not do. Limits: 16 MB of code, expressions nested 100
 * deep, a million calls and a million operators, a quarter of the heap for what is kept of a
 * pickle.
 *
 * <p>Must never appear here: running the code, what is to be folded, state dicts.
 */
@NullMarked
package dev.fusewright.io.torchscript;

import org.jspecify.annotations.NullMarked;
