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
 * Local files that are read by position, and the errors of files that cannot be read.
 *
 * <p>Readers of any format throw a {@link dev.fusewright.io.file.CheckpointException} and nothing else
 * for whatever a file may contain: {@link dev.fusewright.io.file.UnreadableFileException} if its bytes
 * cannot be had, {@link dev.fusewright.io.file.MalformedFileException} if they break their own format,
 * {@link dev.fusewright.io.file.UnsupportedFormatException} if they are sound but beyond this reader,
 * {@link dev.fusewright.io.file.TooLargeException} if they ask for more than the reader's budget. Each
 * carries a {@link dev.fusewright.io.file.Problem}: the resource, the place in it, what was expected,
 * what was found, and what to do.
 *
 * <p>Must never appear here: a particular format, storage, graphs, Beam.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.io.file;

import org.jspecify.annotations.NullMarked;
