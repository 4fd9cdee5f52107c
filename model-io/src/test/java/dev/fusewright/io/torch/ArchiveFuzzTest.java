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
package dev.fusewright.io.torch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.testing.FuzzedCheckpoint;

/** PyTorch's zip archives, of which torch 1.13 wrote the seeds: states, a module, a script. */
final class ArchiveFuzzTest extends FuzzedCheckpoint {
  @FuzzTest
  void archives(byte[] bytes) throws Exception {
    feed(bytes);
  }
}
