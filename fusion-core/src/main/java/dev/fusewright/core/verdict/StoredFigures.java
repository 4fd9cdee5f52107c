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
package dev.fusewright.core.verdict;

/**
 * Figures of the parameters that were stored for one site, as its certificate found them.
 *
 * @param weights elements of weights that were compared
 * @param least of them; infinite if there are none
 * @param largest of them; negative infinity if there are none
 * @param zeros among them
 * @param subnormals among them, in the type they are stored in
 * @param weightUlps how far the worst is from float64 rounded once, in units of its last place
 * @param biasUlps how far the worst bias is, in units of the last place of the largest term in it
 */
public record StoredFigures(
    long weights,
    double least,
    double largest,
    long zeros,
    long subnormals,
    double weightUlps,
    double biasUlps) {}
