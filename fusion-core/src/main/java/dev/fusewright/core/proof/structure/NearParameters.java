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
package dev.fusewright.core.proof.structure;

/**
 * Two constants that are not the same, and may be two ways to fold the same.
 *
 * @param first name in the first model
 * @param second name in the second model
 * @param firstReader id of the node that reads the first model's; -1 if a body or an output does
 * @param secondReader id of the node that reads the second model's; -1 likewise
 * @param where names on both sides, and the element that is farthest off
 */
public record NearParameters(
    String first, String second, int firstReader, int secondReader, String where) {}
