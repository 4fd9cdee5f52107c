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
package dev.fusewright.io.runtime;

import dev.fusewright.core.verify.Evaluation;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request, as the child reads it. */
sealed interface RunnerRequest {
  /** Load a model; the one before it has been closed. */
  record Open(String path, Evaluation evaluation, int threads) implements RunnerRequest {}

  /** Run the loaded model. */
  record Run(Map<String, Input> inputs, List<String> outputs) implements RunnerRequest {}

  /** Close the loaded model. */
  record Close() implements RunnerRequest {}

  /**
   * An input, in memory that native code can read; or no bytes, where there was not enough of it.
   *
   * @param bytes in the machine's order; empty if the tensor did not fit
   */
  record Input(RunnerProtocol.Header header, ByteBuffer bytes) {
    boolean fits() {
      return bytes.capacity() == header.byteCount();
    }
  }

  static RunnerRequest read(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case RunnerProtocol.OPEN ->
          new Open(
              RunnerProtocol.readText(in),
              RunnerProtocol.readName(in, Evaluation.class),
              in.readInt());
      case RunnerProtocol.RUN -> readRun(in);
      case RunnerProtocol.CLOSE -> new Close();
      default -> throw new IllegalStateException("unknown request " + kind);
    };
  }

  private static Run readRun(DataInputStream in) throws IOException {
    Map<String, Input> inputs = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = RunnerProtocol.readText(in);
      inputs.put(name, readInput(in));
    }
    List<String> outputs = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      outputs.add(RunnerProtocol.readText(in));
    }
    return new Run(inputs, outputs);
  }

  private static Input readInput(DataInputStream in) throws IOException {
    RunnerProtocol.Header header = RunnerProtocol.readHeader(in);
    ByteBuffer bytes;
    try {
      bytes =
          ByteBuffer.allocateDirect(Math.toIntExact(header.byteCount()))
              .order(ByteOrder.nativeOrder());
    } catch (OutOfMemoryError | ArithmeticException e) {
      in.skipNBytes(header.byteCount());
      return new Input(header, ByteBuffer.allocate(0));
    }
    ReadableByteChannel channel = Channels.newChannel(in);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new java.io.EOFException("the request ends inside a tensor");
      }
    }
    return new Input(header, bytes.flip());
  }
}
