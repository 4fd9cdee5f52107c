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
package dev.fusewright.io.format;

import java.util.List;

/**
 * What became of a checkpoint that was written.
 *
 * @param bytes of the new file
 * @param tensors written
 * @param transferred bytes of payload that were copied from the original untouched
 * @param dropped what the original held and the new file does not, with the reason
 */
public record StateWriting(long bytes, int tensors, long transferred, List<ExtraEntry> dropped) {
  /** Copies. */
  public StateWriting {
    dropped = List.copyOf(dropped);
  }
}
