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

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.OperandDigest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Digests the constants of sites; one that several sites share is read once. For use by several
 * threads.
 */
final class OperandDigests {
  private static final int CHUNK = 1 << 16;

  private final Map<Tensor, String> known = new ConcurrentHashMap<>();

  /** Every constant that a side holds, in its order. */
  List<OperandDigest> of(Subgraph side) {
    List<OperandDigest> digests = new ArrayList<>();
    for (Initializer constant : side.graph().initializers()) {
      add(constant.name(), constant.tensor(), digests);
    }
    for (Node node : side.nodes()) {
      Tensor constant = valueOf(node);
      if (constant != null) {
        add(node.output(), constant, digests);
      }
    }
    return digests;
  }

  /**
   * How the constants of a model differ from those that a report's certificates rest on; empty if
   * they do not.
   */
  List<String> changes(ModelGraph model, SubgraphExtractor cutter, List<RecordedOperand> recorded) {
    List<String> changes = new ArrayList<>();
    for (RecordedOperand operand : recorded) {
      List<String> steps = ScopeLocator.steps(model, new ScopePath(operand.scope()));
      Tensor tensor = cutter.constant(steps, operand.name());
      if (tensor == null) {
        changes.add("the original has no constant '" + operand.name() + "'");
      } else {
        String found = known.computeIfAbsent(tensor, OperandDigests::sha256);
        if (!found.equals(operand.sha256())) {
          changes.add(
              "the operand '%s' of the original has changed: expected the sha256 %s, found %s"
                  .formatted(operand.name(), operand.sha256(), found));
        }
      }
    }
    return changes;
  }

  private void add(String name, Tensor tensor, List<OperandDigest> digests) {
    if (tensor.type() != ElementType.STRING) {
      digests.add(
          new OperandDigest(
              name,
              tensor.type(),
              tensor.shape(),
              known.computeIfAbsent(tensor, OperandDigests::sha256)));
    }
  }

  /** The tensor of a Constant node; null for any other. */
  static @Nullable Tensor valueOf(Node node) {
    return node.is(OpKind.CONSTANT) ? node.tensorAttribute("value") : null;
  }

  private static String sha256(Tensor tensor) {
    MessageDigest digest = newDigest();
    long size = tensor.byteCount();
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(CHUNK, size)).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < size; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, size - done));
      tensor.read(done, chunk);
      digest.update(chunk.flip());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
