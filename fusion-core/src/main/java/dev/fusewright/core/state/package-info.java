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
 * State dicts: parameters by name, without a graph, and what a list of modules makes of them.
 *
 * <p>A {@link dev.fusewright.core.state.StateDict} is an ordered map from names to tensors, and the versions of the
 * modules that wrote them. Names and order lie (a ReLU can stand between {@code conv1} and {@code conv1_BN}), so no
 * pair is ever inferred from them: a list names the groups, or a companion graph shows them. Each group becomes a small
 * {@link dev.fusewright.core.state.StateGraph}, which the rules of graphs fold and the proof of graphs judges; here is
 * only how keys, order and versions follow ({@link dev.fusewright.core.state.StatePlan},
 * {@link dev.fusewright.core.state.StateLayout}).
 *
 * <p>Must never appear here: files, pickles, data flow between groups, a proof.
 */
@NullMarked
package dev.fusewright.core.state;

import org.jspecify.annotations.NullMarked;
