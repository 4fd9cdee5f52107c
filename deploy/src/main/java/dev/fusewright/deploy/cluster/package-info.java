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
 * A Flink cluster of processes: one that {@code fusewright cluster} starts on this machine, and the
 * entry point of one that runs a single application.
 *
 * <p>A local cluster is a folder: what runs is noted there, beside its configuration, class path,
 * logs and temporary files, so that another process can stop it, and so that what a crash left is
 * recognised. A process is ours if its number and its time of start are those that were noted.
 *
 * <p>Never here: the job, or anything that a worker runs.
 */
@NullMarked
package dev.fusewright.deploy.cluster;

import org.jspecify.annotations.NullMarked;
