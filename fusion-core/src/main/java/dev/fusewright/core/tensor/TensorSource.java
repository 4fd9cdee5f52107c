package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;

/**
 * Where the bytes of a tensor lie; the port that model-io implements over files.
 *
 * <p>Implementations may be read from several threads.
 */
public interface TensorSource {
  /**
   * Fills {@code destination} with canonical tensor bytes (little-endian, packed).
   *
   * @param offset of the first byte, counted in canonical bytes from the tensor's start
   * @throws TensorReadException if the bytes cannot be had; its message says where
   */
  void read(long offset, ByteBuffer destination);
}
