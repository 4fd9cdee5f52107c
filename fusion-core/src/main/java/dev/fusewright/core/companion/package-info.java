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
 * A graph beside a state dict: an export whose parameters have the names of the state dict's, and what it shows of
 * them: which layer each BatchNorm follows, eps, transposed layers, the whole model.
 *
 * <p>Must never appear here: files, how groups are fused.
 */
@NullMarked
package dev.fusewright.core.companion;

import org.jspecify.annotations.NullMarked;
