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
package dev.fusewright.core.verdict;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;

/**
 * A constant of the original that a fusion was made from, and that its certificate rests on.
 *
 * @param name of the value in the original, within the site's scope
 * @param sha256 of the elements as ONNX's {@code raw_data} would hold them, in hexadecimal; the
 *     same however the file stores them
 */
public record OperandDigest(String name, ElementType type, Shape shape, String sha256) {}
