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
 * What was made of every entry, so that the next run need not make it again.
 *
 * <p>A receipt is written when a model has been published, after everything else; it is atomic, and one file for each
 * entry: {@code <reports>/ledger/<id>.avro}. Rejected and failed entries have none, and are tried again. A process that
 * is killed between publishing and the receipt has done nothing wrong: the entry is done once more, with the same bytes.
 *
 * <p>An entry is unchanged if its receipt says so of all of these; what is seen first is the reason that is given:
 *
 * <ol>
 * <li>the converter's version and the configuration's digest are the same, and so is the place of the output;
 * <li>every published file is there, with the size and the etag (or, where the store has none, the time of modification)
 * that it had;
 * <li>the source, and what was read beside it, have the size and the etag (or time) that they had. Where a time cannot
 * tell, because the file was changed within {@link dev.fusewright.pipeline.ledger.FileStates#GRANULARITY} before it was
 * read, and where size is the same and the mark is not (a file copied anew), the source is read and its sha256 decides.
 * </ol>
 *
 * <p>The report of an entry holds a copy of its receipt, and how the receipt's file looked. From a copy alone, and from what listings say of
 * the files, {@link dev.fusewright.pipeline.ledger.Lookup#isUnchanged} tells that an entry is unchanged; everything else is asked for.
 *
 * <p>Two runs at once may write the same receipt; whoever comes last wins, and a receipt that does not fit what is
 * published makes the next run do the entry again.
 *
 * <p>Never here: reading a model, deciding what is fused, Beam.
 */
@NullMarked
package dev.fusewright.pipeline.ledger;

import org.jspecify.annotations.NullMarked;
