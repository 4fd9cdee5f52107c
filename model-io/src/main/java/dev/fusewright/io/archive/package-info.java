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
 * Zip archives as PyTorch writes them: records of a file that are found, checked, unpacked and written.
 *
 * <p>{@link dev.fusewright.io.archive.ZipDirectory} gives each record as a region of the file and refuses what makes two
 * readers see two archives; {@link dev.fusewright.io.archive.ZipScratch} unpacks what is deflated, within limits; {@link
 * dev.fusewright.io.archive.RecordBytes} checks a CRC-32 before the first byte is handed out; {@link
 * dev.fusewright.io.archive.ArchiveFolder} knows the records below the folder that PyTorch puts them in; {@link
 * dev.fusewright.io.archive.StoredViews} makes tensors that are views of a record; {@link dev.fusewright.io.archive.ZipOutput}
 * writes stored records, aligned to 64 bytes.
 *
 * <p>Must never appear here: pickles, JSON, what a record is for.
 */
@NullMarked
package dev.fusewright.io.archive;

import org.jspecify.annotations.NullMarked;
