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
package dev.fusewright.io.onnx;

import dev.fusewright.core.graph.Graph;
import java.util.List;

/**
 * Where the parts of one scope lie: of the main graph, of a body, or of a function.
 *
 * @param graph what was read from it
 * @param start of the message's content
 * @param end of the message's content
 * @param parts in file order, without gaps
 */
record ScopeLayout(Graph graph, long start, long end, List<Part> parts) {}
