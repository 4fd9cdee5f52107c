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
package dev.fusewright.io.testing;

import dev.fusewright.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of tensors, read in odd chunks, so that no reader can rely on even ones. */
public final class Digests {
  private static final int ELEMENTS = 1021;

  private Digests() {}

  /** The sha256 of a tensor's canonical bytes. */
  public static String sha256(Tensor tensor) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long size = tensor.byteCount();
      int step = ELEMENTS * Math.max(1, tensor.type().bits() / 8);
      for (long done = 0; done < size; ) {
        int count = (int) Math.min(step, size - done);
        ByteBuffer chunk = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        tensor.read(done, chunk);
        digest.update(chunk.flip());
        done += count;
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
