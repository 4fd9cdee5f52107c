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
 * The command line. A sub-command is a class of its own, with its options and its words for people; what it does is done
 * elsewhere.
 *
 * <p>Commands on single files start in well under a second, because nothing here loads Beam, Flink or Hadoop before
 * {@code run} needs them.
 *
 * <p>Answers go to standard output, everything else to standard error. Exit codes: 0 everything went well, 1 wrong usage
 * or configuration, 2 some entries were rejected or failed, 3 nothing could be done.
 *
 * <p>Never here: what a model is, decisions about one.
 */
@NullMarked
package dev.fusewright.pipeline.cli;

import org.jspecify.annotations.NullMarked;
