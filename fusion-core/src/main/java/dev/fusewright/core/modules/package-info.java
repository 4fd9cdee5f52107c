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
 * Module lists: the counterpart of PyTorch's {@code fuse_modules(model, modules_to_fuse, …)} on
 * graphs.
 *
 * <p>A {@link dev.fusewright.core.modules.ModuleList} says what is to be fused, by the names that
 * modules have in PyTorch. {@link dev.fusewright.core.modules.GraphModules} finds the nodes that
 * belong to these names in an exported graph. {@link dev.fusewright.core.modules.ModuleFuser} turns
 * the two into a {@link dev.fusewright.core.plan.FusionPlan}, or says which groups cannot be fused
 * and changes nothing. Sequences that PyTorch does not know are added by implementing {@link
 * dev.fusewright.core.modules.Fuser}.
 *
 * <p>Must never appear here: files other than the recipes, arithmetic, how a fold rewrites a graph.
 */
@NullMarked
package dev.fusewright.core.modules;

import org.jspecify.annotations.NullMarked;
