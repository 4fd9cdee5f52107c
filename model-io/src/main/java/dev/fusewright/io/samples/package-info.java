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
 * Tensors in files of their own, as people keep samples of real inputs: what numpy saves, and
 * serialised TensorProtos such as ONNX's test data.
 *
 * <table>
 * <caption>What is read</caption>
 * <tr><th>format</th><th>told by</th><th>read</th><th>refused, with what to do instead</th></tr>
 * <tr><td>{@code .npy}</td><td>its magic bytes</td><td>versions 1 to 3; little-endian bool, integers and
 * floats</td><td>Fortran order, big-endian, objects, texts</td></tr>
 * <tr><td>TensorProto</td><td>anything else</td><td>raw and typed data of types with
 * arithmetic</td><td>external data, strings</td></tr>
 * </table>
 *
 * <p>Files are hostile: a header says how many bytes there have to be, and nothing is made larger than the
 * file itself. Must never appear here: ONNX's wire format, which is
 * {@link dev.fusewright.io.onnx}'s; reading archives or pickles.
 */
@NullMarked
package dev.fusewright.io.samples;

import org.jspecify.annotations.NullMarked;
