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
 * Shape inference: what is known of the shape of every value, symbolically and on demand.
 *
 * <p>What {@link dev.fusewright.core.analysis.shape.ShapeInference} says of a value holds in every
 * run of a valid model in which no value is empty. Sizes are expressions of the sizes of the graph's
 * inputs ({@link dev.fusewright.core.analysis.shape.SymInt}); what cannot be told is unknown, and
 * nothing is guessed. Each fact says what it rests on ({@link
 * dev.fusewright.core.analysis.shape.Basis}):
 *
 * <table>
 * <caption>What a fact may rest on</caption>
 * <tr><td>PROVEN</td><td>operators, attributes and constants alone</td></tr>
 * <tr><td>PROMISED</td><td>also the declared types of the graph's inputs: the caller's promise, which
 *     whoever relies on it has to list as an assumption</td></tr>
 * <tr><td>STATED</td><td>also {@code value_info}, the declared types of outputs and of the inputs of
 *     bodies: a help, and never a truth. It only fills in what is not inferred, and is ignored where
 *     it contradicts</td></tr>
 * </table>
 *
 * <p>Small tensors of integers are followed by value, since models compute shapes from shapes.
 * Bodies are looked into, calls of model-local functions are inlined. The work is bounded by the
 * number of nodes, expressions by their size; arithmetic that overflows is unknown. An operator that
 * is not known, or has attributes that do not fit, gives an unknown shape and never an exception.
 *
 * <p>Must never appear here: rules, patterns, edits, the proof, or anything of this module but
 * {@code core.graph} and {@code core.tensor}.
 */
@NullMarked
package dev.fusewright.core.analysis.shape;

import org.jspecify.annotations.NullMarked;
