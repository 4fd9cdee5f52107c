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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.time.Duration;

/** A source gave no byte for longer than is waited. It may pass: a later try may succeed. */
public final class StalledSourceException extends IOException {
  private static final long serialVersionUID = 1L;

  StalledSourceException(String source, Duration most) {
    super(
        "%s: expected the next byte within %d s (--fetch-timeout), found none"
            .formatted(source, most.toSeconds()));
  }
}
