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
 * Makes a plan: tries the rules on every scope of a model until none applies any more.
 *
 * <p>The work is linear in the size of the model: a node is looked at again only when something
 * beside it has changed, and a budget of steps bounds what rules could do to one another.
 *
 * <p>Before the rules look at a scope, {@link dev.fusewright.core.engine.CallInlining} puts bodies
 * of functions in the place of calls that pass constants of their own.
 *
 * <p>Must never appear here: knowledge of any particular rule, files.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.engine;

import org.jspecify.annotations.NullMarked;
