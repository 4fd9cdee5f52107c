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
 * Comparison of two graphs node by node and weight by weight, without running anything.
 *
 * <p>{@link dev.fusewright.core.proof.structure.StructureComparison} follows both from their
 * outputs backwards. Names, the order of nodes, copies of the same computation, constants that are
 * spelled another way and attributes that hold their defaults do not matter; everything else does.
 * What it cannot compare is a difference.
 *
 * <p>Must never appear here: rules, the engine, anything that changes a graph, files.
 */
@NullMarked
package dev.fusewright.core.proof.structure;

import org.jspecify.annotations.NullMarked;
