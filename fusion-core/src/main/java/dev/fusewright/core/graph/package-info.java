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
 * The model: an immutable, format-neutral graph of operators in ONNX's terms.
 *
 * <p>A {@link dev.fusewright.core.graph.ModelGraph} holds the main {@link
 * dev.fusewright.core.graph.Graph}, the model-local {@link dev.fusewright.core.graph.Function}s and
 * the opsets. Bodies of If, Loop and Scan are graphs inside attributes. Nothing here is ever
 * mutated: an edit yields a new graph that shares every untouched part <em>by identity</em>, and
 * writers rely on that: what is the same instance is copied byte for byte.
 *
 * <p>Must never appear here: files, formats, rules, mutable state.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.graph;

import org.jspecify.annotations.NullMarked;
