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
 * The pattern language: which nodes, feeding one another in which way, make a site.
 *
 * <p>A {@link dev.fusewright.core.match.Pattern} is a chain of operators that ends in its root, the
 * node nearest the output, and is followed upwards against the data. Its nodes are captured by
 * typed constants. Matching yields a {@link dev.fusewright.core.match.Match}, nothing, or a near
 * miss: the shape is there, but an inner value has other readers. {@link
 * dev.fusewright.core.match.Constants} tells what value an operand has, or why it has none.
 *
 * <p>Must never appear here: knowledge of any particular fusion.
 */
@NullMarked
package dev.fusewright.core.match;

import org.jspecify.annotations.NullMarked;
