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
 * A plain, slow float64 evaluator of ONNX operators: the truth with which every rule's example,
 * every folded site and whole small models are judged.
 *
 * <p>Arithmetic is in double from the inputs to the outputs. Nothing is rounded to the type that a
 * value has in the model, since this is what the model means and not an emulation of a runtime:
 * only Cast to an integer type truncates, and the quantizing operators round and saturate because
 * that is what they compute. (A proof may ask for the parameters that a graph computes from constants
 * as they are stored: see {@code DerivedConstants}.) Elements of every type are held as doubles, so
 * that int64 values are exact up to 2<sup>53</sup>; strings are not supported.
 *
 * <p>Operators are listed in {@code Operators}, one file per family.
 *
 * <p>Must never appear here: rules, native code, arithmetic in less than double, clever algorithms.
 */
@NullMarked
package dev.fusewright.core.reference;

import org.jspecify.annotations.NullMarked;
