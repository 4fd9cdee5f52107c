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
 * Quantization-aware training: PyTorch's {@code torch.ao.nn.intrinsic} and {@code
 * torch.ao.nn.intrinsic.qat} modules as ONNX model-local functions.
 *
 * <p>A module is a node of the domain that PyTorch's class has, and a function of that name whose
 * body is what the module's {@code forward} computes; any runtime that knows ONNX runs it. {@link
 * dev.fusewright.core.rule.qat.QatRules} builds them, with or without the fake-quantization of weights,
 * and folds them back. {@link dev.fusewright.core.rule.qat.FakeQuantizer} computes scale and zero point
 * with PyTorch's bits.
 *
 * <p>Must never appear here: files, observers of activations, training.
 */
@NullMarked
package dev.fusewright.core.rule.qat;

import org.jspecify.annotations.NullMarked;
