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
package dev.fusewright.pipeline.model;

import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.report.Outcome;

/** The way of one kind of file once it is on this machine; what it finds is in its findings. */
sealed interface CheckpointFlow permits OnnxFlow, StateDictFlow {
  /** Plans, writes, verifies and publishes. */
  Outcome fuse(Staged source, Scratch scratch) throws Exception;

  /** Only plans. */
  Outcome inspect(Staged source, Scratch scratch) throws Exception;
}
