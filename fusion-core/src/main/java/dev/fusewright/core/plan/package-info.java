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
 * Fusions as plans, never as mutations.
 *
 * <p>A {@link dev.fusewright.core.plan.FusionPlan} is an ordered list of {@link
 * dev.fusewright.core.plan.Fusion}s, each with the edits that carry it out, and of {@link
 * dev.fusewright.core.plan.Refusal}s, each with a stable {@link dev.fusewright.core.plan.Reason}.
 * It can be printed, single fusions can be dropped from it, and applying it yields a new graph that
 * shares all untouched parts with the old one.
 *
 * <p>Must never appear here: patterns, rules, files.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.plan;

import org.jspecify.annotations.NullMarked;
