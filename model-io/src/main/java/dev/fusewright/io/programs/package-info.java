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
 * Archives of PyTorch's own programs: what the formats that have graph and weights in one zip share.
 *
 * <p>{@link dev.fusewright.io.programs.ProgramFormat} opens an archive, {@link
 * dev.fusewright.io.programs.ProgramCheckpoint} is an open one, {@link
 * dev.fusewright.io.programs.ProgramWriter} writes it again, record by record through {@link
 * dev.fusewright.io.programs.RewrittenRecords}, and reads what it wrote.
 *
 * <p>Must never appear here: how a format says its program, as JSON, pickles or code.
 */
@NullMarked
package dev.fusewright.io.programs;

import org.jspecify.annotations.NullMarked;
