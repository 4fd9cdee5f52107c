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
 * Lazy, immutable tensors: parameters, apart from where their bytes are stored.
 *
 * <p>A {@link dev.fusewright.core.tensor.Tensor} is a small heap array, a region behind a {@link
 * dev.fusewright.core.tensor.TensorSource}, or an expression over another tensor. Whatever it is,
 * its bytes are read in chunks, so that nothing here ever needs memory proportional to a model.
 * Elements are little-endian and packed, in row-major order, as in ONNX's {@code raw_data}.
 *
 * <p>Must never appear here: files, formats, graphs.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.tensor;

import org.jspecify.annotations.NullMarked;
