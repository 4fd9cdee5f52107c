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
 * Reading of what earlier runs, and other programs, wrote: Avro container files and small JSON
 * files. They are hostile like any other: a file says nothing that is believed before it is held
 * against the bytes that are there.
 *
 * <table>
 * <caption>Limits</caption>
 * <tr><th>what</th><th>at most</th></tr>
 * <tr><td>a header</td><td>1 MiB, of at most 1,000 entries</td></tr>
 * <tr><td>a block</td><td>the bytes that are left in the file, and 256 MiB</td></tr>
 * <tr><td>a block, inflated</td><td>256 MiB, and 1,100 times its own bytes</td></tr>
 * <tr><td>a text, a map or an array in a block</td><td>the bytes that are left in the block, an item taking at
 * least one</td></tr>
 * <tr><td>a JSON file</td><td>64 MiB, 1,000 levels deep</td></tr>
 * </table>
 *
 * <p>A record that is a file of its own is an {@link dev.fusewright.pipeline.files.AvroMessage}, whose checksum is held
 * against its bytes first.
 *
 * <p>Codecs are {@code null} and {@code deflate}; others are refused by name. What is damaged is one exception, with
 * the file, the byte, what was expected and what was found.
 *
 * <p>Must never appear here: what a report, a receipt or a catalogue means; Beam.
 */
@NullMarked
package dev.fusewright.pipeline.files;

import org.jspecify.annotations.NullMarked;
