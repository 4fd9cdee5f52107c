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
 * What a rule is: a pattern, the check that makes a site sound, the rewrite; and sets of rules.
 *
 * <p>A rule is three steps that are never mixed: {@code pattern()} says the shape, {@code check()} says when it is sound,
 * {@code rewrite()} builds the replacement and cannot fail.
 *
 * <p>Must never appear here: any particular rule, the order of application, files.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.rule;

import org.jspecify.annotations.NullMarked;
