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
 * The driver of a run, which {@link dev.fusewright.pipeline.run.Submitter} parts from what does its
 * work, and the run's folder: the record it begins with, what of its catalogue is up to date by
 * then, the plan of what it would do, its completion, and the list of what a later one is to try
 * again.
 *
 * <p>A run's folder is {@code <reports>/run=<id>/}:
 *
 * <table>
 * <caption>Files of a run, in the order in which they appear</caption>
 * <tr><th>file</th><th>content</th></tr>
 * <tr><td>{@code catalogue.jsonl}</td><td>the catalogue, checked, with every location resolved, the smallest models
 * first; it is frozen</td></tr>
 * <tr><td>{@code part-settled.avro}</td><td>the reports of entries that are seen to be unchanged</td></tr>
 * <tr><td>{@code work.jsonl}</td><td>the lines of the others; not there if nothing is settled</td></tr>
 * <tr><td>{@code run.json}</td><td>settings and output: what a run that goes on under this id, or a retry, goes by</td></tr>
 * <tr><td>{@code quarantine/<id>/}</td><td>what shows why fusions were dropped</td></tr>
 * <tr><td>{@code attempts/*.avro}</td><td>what single workers reported, lost ones too</td></tr>
 * <tr><td>{@code part-*-of-*.avro}</td><td>a report of each of those</td></tr>
 * <tr><td>{@code quarantine/part-*.jsonl}</td><td>the reports of rejected and failed entries once more</td></tr>
 * <tr><td>{@code quarantine/retry.jsonl}</td><td>their lines of the catalogue</td></tr>
 * <tr><td>{@code summary.json}, {@code summary.md}</td><td>what they come to</td></tr>
 * <tr><td>{@code _SUCCESS}</td><td>every entry is accounted for</td></tr>
 * </table>
 *
 * <p>Never here: Beam, a runner, what is printed on a terminal.
 */
@NullMarked
package dev.fusewright.pipeline.run;

import org.jspecify.annotations.NullMarked;
