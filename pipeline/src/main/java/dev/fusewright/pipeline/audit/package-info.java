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
 * The audit report for people: of one run a page, for reading, and a table, for spreadsheets. Both are made of the
 * run's Avro reports, one at a time, so that their number does not matter; what was not published stands first.
 *
 * <p>Names, paths and messages come from other people's files. The page's templates (src/main/jte) escape them for the
 * place where they stand, and the page allows no script; the table keeps a spreadsheet from taking them for formulas.
 *
 * <p>Never here: judging what a report says, Beam, standard output.
 */
@NullMarked
package dev.fusewright.pipeline.audit;

import org.jspecify.annotations.NullMarked;
