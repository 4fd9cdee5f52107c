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
 * The audit report: of one run a page, for reading and signing, and flat tables, for analysts. Both are made of the
 * run's Avro reports, one at a time, so that their number does not matter; only the comparison with another run keeps
 * a few figures of each of its models.
 *
 * <p>The page stands by itself: its head is HTML out of templates (src/main/jte), its list of models a script
 * (src/main/resources), its data scripts beside it, so that it needs no server. A policy in it allows these and nothing
 * else.
 *
 * <p>Names, paths and messages come from other people's files. They are made printable here; the templates escape them
 * for the place where they stand, the data for a script, and the script makes text of them and never HTML. A table in
 * CSV keeps a spreadsheet from taking them for formulas.
 *
 * <p>Never here: judging what a report says, Beam, standard output.
 */
@NullMarked
package dev.fusewright.pipeline.audit;

import org.jspecify.annotations.NullMarked;
