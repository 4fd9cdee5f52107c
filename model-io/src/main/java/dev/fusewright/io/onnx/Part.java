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

import org.jspecify.annotations.Nullable;

/**
 * A stretch of a message in the file, tag and all, and what was read from it.
 *
 * @param start of its tag
 * @param payload of its content
 * @param end of its content
 * @param element the instance that stands for it in the graph model: a Node, an Initializer, a
 *     ValueInfo, or a name; null for a run of fields that are only copied
 */
record Part(Role role, long start, long payload, long end, @Nullable Object element) {}
