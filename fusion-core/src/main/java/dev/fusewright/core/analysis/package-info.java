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
 * What is known of a graph without changing it: constants, ranks and shapes, channel axes, who reads a value.
 *
 * <p>Shapes are inferred in {@link dev.fusewright.core.analysis.shape}, and nowhere else.
 *
 * <p>A {@link dev.fusewright.core.analysis.GraphView} is one scope of a model as rules see it. Every analysis answers
 * "not known" rather than guess.
 *
 * <p>Must never appear here: patterns, rules, edits, the proof.
 */
@NullMarked
package dev.fusewright.core.analysis;

import org.jspecify.annotations.NullMarked;
