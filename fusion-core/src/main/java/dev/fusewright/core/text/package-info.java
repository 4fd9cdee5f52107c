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
 * ONNX's own textual syntax: the one printer and the one parser for tests, logs, documentation and
 * the command line.
 *
 * <pre>
 * &lt;ir_version: 8, opset_import: ["" : 13]&gt;
 * classifier (float[N,3,8,8] x) =&gt; (float[N,4,6,6] y)
 *    &lt;float[4,3,3,3] w = {0.5, …}, float[4] b = {1.0, 2.0, 3.0, 4.0}&gt;
 * {
 *    [conv1] c = Conv &lt;kernel_shape = [3, 3]&gt; (x, w, b)
 *    y = Relu (c)
 * }
 * </pre>
 *
 * <p>What {@code onnx.parser} reads is read here: names in quotes where they are no identifiers,
 * types of attributes ({@code axes: ints = []}), absent inputs ({@code ""} or nothing between two
 * commas), bodies as attributes before or after the inputs, functions after the graph. Not read:
 * types other than tensors, strings in tensors. What ONNX's syntax does not say is not printed
 * either: documentation, metadata of nodes, quantization annotations, sparse initializers.
 *
 * <p>Beyond ONNX:
 *
 * <ul>
 *   <li>a model without a header is of {@code ir_version: 8, opset_import: ["" : 13]};
 *   <li>{@code float[4,3,3,3] w = random(7)} is uniform in [−1, 1) from that seed, {@code random(7,
 *       0.1, 2.0)} in [0.1, 2.0), {@code fill(0.5)} is the same value everywhere;
 *   <li>elements of float16 and bfloat16 tensors are written as numbers with a decimal point;
 *       ONNX's parser takes integers there and means bit patterns, so integers are refused;
 *   <li>in quotes a backslash before {@code u} and four hexadecimal digits is that character, as in
 *       JSON: characters that a person cannot see, or a terminal would obey, are written so;
 *   <li>{@code #} begins a comment;
 *   <li>the short form, for people, abbreviates large tensors as {@code {… 432 values}}. Read back,
 *       it has their types and shapes: enough to look at a model, not to fuse it.
 * </ul>
 *
 * <p>Must never appear here: files, rules, the meaning of operators.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.text;

import org.jspecify.annotations.NullMarked;
