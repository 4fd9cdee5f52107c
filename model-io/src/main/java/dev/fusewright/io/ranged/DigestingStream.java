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
package dev.fusewright.io.ranged;

import dev.fusewright.io.storage.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** A stream that tells the sha256 of all its bytes when it is read to its end. */
final class DigestingStream extends FilterInputStream {
  private final MessageDigest digest;
  private final AtEnd done;
  private boolean isWhole = true;

  /** Is told when all was read, before whoever reads is. */
  @FunctionalInterface
  interface AtEnd {
    /**
     * Takes the digest of the bytes.
     *
     * @throws IOException if they are not what they should be; the reading fails with it
     */
    void accept(String sha256) throws IOException;
  }

  DigestingStream(InputStream in, AtEnd done) {
    this(in, Sha256.begin(), done);
  }

  private DigestingStream(InputStream in, MessageDigest digest, AtEnd done) {
    super(new DigestInputStream(in, digest));
    this.digest = digest;
    this.done = done;
  }

  @Override
  public int read() throws IOException {
    return told(super.read());
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return told(super.read(bytes, offset, length));
  }

  private int told(int read) throws IOException {
    if (read < 0 && isWhole) {
      isWhole = false;
      done.accept(Sha256.end(digest));
    }
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    isWhole = false;
    return super.skip(count);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
