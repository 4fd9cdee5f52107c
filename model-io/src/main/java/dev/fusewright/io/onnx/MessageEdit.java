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
package dev.fusewright.io.onnx;

import java.util.HashMap;
import java.util.Map;

/**
 * Copies a small message field by field, except for the fields that are replaced: the new content
 * stands where the first of them stood, or at the end. What is not understood is copied like
 * everything else.
 */
final class MessageEdit {
  private static final class Replacement {
    final MessagePlan content;
    boolean placed;

    Replacement(MessagePlan content) {
      this.content = content;
    }
  }

  private final WireCursor cursor;
  private final Map<Integer, Replacement> byField = new HashMap<>();
  private final java.util.List<Replacement> inOrder = new java.util.ArrayList<>();

  MessageEdit(WireCursor cursor) {
    this.cursor = cursor;
  }

  /** Puts {@code content}, which may be empty, in the place of all of these fields. */
  MessageEdit replace(MessagePlan content, int... fields) {
    Replacement replacement = new Replacement(content);
    inOrder.add(replacement);
    for (int field : fields) {
      byField.put(field, replacement);
    }
    return this;
  }

  /** Plans the edited form of the message in {@code [start, end)} of the original file. */
  MessagePlan apply(long start, long end) {
    MessagePlan plan = new MessagePlan();
    cursor.seek(start);
    while (cursor.next(end)) {
      Replacement replacement = byField.get(cursor.field());
      if (replacement == null) {
        plan.copy(cursor.tagStart(), cursor.payloadEnd());
      } else {
        place(replacement, plan);
      }
    }
    inOrder.forEach(replacement -> place(replacement, plan));
    return plan;
  }

  private static void place(Replacement replacement, MessagePlan plan) {
    if (!replacement.placed) {
      replacement.placed = true;
      plan.append(replacement.content);
    }
  }
}
