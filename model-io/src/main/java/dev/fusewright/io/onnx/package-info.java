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
 * ONNX files, read and written in memory proportional to a model's structure, never to its weights.
 *
 * <h2>Layout</h2>
 *
 * <p>An ONNX file is one protobuf message, without header, length or checksum. Fields may come in any order, repeated
 * numbers packed or not, and unknown fields anywhere. What this package looks at (field numbers in brackets):
 *
 * <table>
 * <caption>Messages and fields</caption>
 * <tr><th>Message</th><th>Walked field by field</th><th>Parsed with the generated classes</th></tr>
 * <tr><td>ModelProto</td><td>graph (7), functions (25)</td>
 *     <td>ir_version (1), producer (2, 3), model_version (5), opset_import (8), metadata_props (14)</td></tr>
 * <tr><td>GraphProto</td><td>node (1), initializer (5), sparse_initializer (15)</td>
 *     <td>name (2), input (11), output (12), value_info (13), quantization_annotation (14)</td></tr>
 * <tr><td>FunctionProto</td><td>node (7)</td>
 *     <td>name (1), input (4), output (5), attribute (6, 11), opset_import (9), domain (10), value_info (12),
 *     overload (13)</td></tr>
 * <tr><td>NodeProto</td><td>attribute (5)</td>
 *     <td>input (1), output (2), name (3), op_type (4), doc_string (6), domain (7), metadata_props (9)</td></tr>
 * <tr><td>AttributeProto</td><td>t (5), g (6), tensors (10), graphs (11), sparse tensors (22, 23)</td>
 *     <td>name (1), f (2), i (3), s (4), floats (7), ints (8), strings (9), type (20), ref_attr_name (21)</td></tr>
 * <tr><td>TensorProto</td><td>located: float_data (4), int32_data (5), string_data (6), int64_data (7), raw_data (9),
 *     double_data (10), uint64_data (11)</td>
 *     <td>dims (1), data_type (2), name (8), external_data (13), data_location (14)</td></tr>
 * </table>
 *
 * <p>Everything else is copied without being looked at.
 *
 * <h2>Reading</h2>
 *
 * <p>{code OnnxReader} walks the file once. A {@code WireCursor} hops from field to field; the
 * small fields of a message are gathered and given to the generated class, so that merging, defaults and packed lists
 * are protobuf's own; payloads become tensor sources: {@code FixedSource} where the file holds canonical bytes,
 * {@code VarintSource} where it holds varints. The result is a graph and, beside it, a {@code ModelIndex} that knows
 * where every instance of the graph lies.
 *
 * <h2>Writing</h2>
 *
 * <p>{code OnnxWriter} plans first and writes then. A {@code MessagePlan} is a list of
 * segments: a range of the original, new bytes, a tensor to compute. Plans nest, so every enclosing length is known
 * before the first byte is written, and nothing is ever sought back. What is the same instance in the edited graph is a
 * range; neighbouring ranges join; an unchanged model is one range. {@code ScopeEditor} keeps the order of the file,
 * {@code MessageEdit} replaces single fields of a message, {@code PlanStream} cuts the file into blocks that do not
 * depend on each other, and computes and writes them on as many threads as there are processors free for it.
 *
 * <h2>Limits and refusals</h2>
 *
 * <p>{@link dev.fusewright.io.onnx.ReadLimits} bounds what a file may make its reader hold: structure in a quarter of
 * the heap, each message charged before it is read; 100 messages inside each other; 4 MB, or 1/256 of the heap, for one
 * message without its tensors. Attributes with more than 64 KB of numbers or text stay in the file and become {@link
 * dev.fusewright.core.graph.Attribute.Opaque}. Refused as beyond this reader: a second graph, a second body in one
 * attribute (protobuf would merge them), training_info (its bindings name parameters that a fold removes), tensors in
 * segments. Refused as damaged: payloads that are not as long as type and shape say, names that are not UTF-8, an
 * attribute twice in a node, external data that leads out of the model's folder.
 *
 * <p>Element types newer than {@link dev.fusewright.core.tensor.ElementType} are kept as undefined: copied, never read.
 *
 * <p>Must never appear here: fusion rules, storage, native code, a whole model parsed with the generated classes, a
 * tensor as a byte array.
 */
@NullMarked
package dev.fusewright.io.onnx;

import org.jspecify.annotations.NullMarked;
