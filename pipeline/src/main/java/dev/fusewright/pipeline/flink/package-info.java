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
 * Flink as the runner of a run: its options with the defaults that a run needs, the client that asks a cluster what it
 * has and how far it is, and the release that the job is built for. It is one implementation of
 * {@link dev.fusewright.pipeline.run.Submitter}; another runner is a package beside this one.
 *
 * <p>Never here: what a run does (the transforms of {@link dev.fusewright.pipeline.beam}), what is printed on a terminal.
 * Nobody else in this module knows Flink or Beam's runner for it.
 */
@NullMarked
package dev.fusewright.pipeline.flink;

import org.jspecify.annotations.NullMarked;
