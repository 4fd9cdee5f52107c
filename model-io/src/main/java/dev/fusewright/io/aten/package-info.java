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
 * PyTorch's operators in ONNX's terms, for the formats that have PyTorch's own graphs.
 *
 * <p>A reader gives a {@link dev.fusewright.io.aten.Program}: calls of operators in order, values
 * by names. {@link dev.fusewright.io.aten.Lowering} says it in ONNX's terms, one node for each call:
 * what has no such translation stands there as the operator that it is, with all that it reads.
 * {@link dev.fusewright.io.aten.Aliases} finds the values that share memory which a call writes
 * into; what touches those is not translated, and nothing is folded there. {@link
 * dev.fusewright.io.aten.Fitting} says which edits an archive can hold in which each parameter has
 * one place.
 *
 * <p>Must never appear here: files and records of an archive, JSON, pickles, code, what is to be
 * folded.
 */
@NullMarked
package dev.fusewright.io.aten;

import org.jspecify.annotations.NullMarked;
