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
package dev.fusewright.core.proof;

/**
 * A side of a site computes something that a certificate has no form for; the message says what.
 */
final class UncertifiableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean isForSize;

  UncertifiableException(String message) {
    this(message, /* isForSize= */ false);
  }

  private UncertifiableException(String message, boolean isForSize) {
    super(message);
    this.isForSize = isForSize;
  }

  /** Since it is too large to look at. */
  static UncertifiableException forSize(String message) {
    return new UncertifiableException(message, /* isForSize= */ true);
  }

  /** Whether it is too large to look at, whatever form it has. */
  boolean isForSize() {
    return isForSize;
  }
}
