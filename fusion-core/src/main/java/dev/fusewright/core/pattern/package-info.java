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
 * The pattern language: the shape of a site as a chain or tree of operators, with typed captures.
 *
 * <p>A {@link dev.fusewright.core.pattern.Pattern} is matched at one node and finds a {@link
 * dev.fusewright.core.pattern.Match}, nothing, or a near miss with the reason.
 *
 * <p>Must never appear here: rules, what makes a site sound, weights, edits.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.pattern;

import org.jspecify.annotations.NullMarked;
