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
 * Large files of a store, read by ranges where they lie, and new ones that share ranges with them.
 *
 * <p>A {@link dev.fusewright.io.ranged.RangedFiles} is a view of a folder on this machine: a file
 * system of {@link java.nio.file} in which some files are mounted from a store, and the others are
 * those of the folder. Who reads or writes a model is given a path in it and notices nothing.
 *
 * <ul>
 *   <li>A mounted file is an empty file in the folder, and its bytes come by {@link
 *       dev.fusewright.io.storage.RangeReads}, in windows that grow where reads follow each other.
 *       A few megabytes of them are kept.
 *   <li>A file that is written through the view is composite: the bytes that were written are in
 *       the folder, one behind the other; what was transferred to it from a mounted file is a
 *       reference to a range of that file, of which no byte is read.
 * </ul>
 *
 * <p>A view belongs to one model's job, and goes with the folder. Files in it are read by several
 * threads and written by several, each byte once.
 *
 * <p>Never here: what is in a file, and Hadoop.
 */
@NullMarked
package dev.fusewright.io.ranged;

import org.jspecify.annotations.NullMarked;
