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

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Plans whole models: the outermost message. Its fields are walked in file order; what is new of a
 * kind follows the last of that kind, or comes at the end.
 */
final class ModelEditor {
  private static final String PRODUCER = "fusewright";

  private final OnnxCheckpoint original;
  private final ScopeEditor scopes;
  private final WireCursor cursor;

  ModelEditor(OnnxCheckpoint original, DataFilePlan dataFiles) {
    this.original = original;
    this.scopes = new ScopeEditor(original, dataFiles);
    this.cursor = scopes.cursor();
  }

  /** A model that is from no file. */
  static MessagePlan newModel(ModelGraph model) {
    NewMessages created = new NewMessages(DataFilePlan::inline, new ModelIndex());
    MessagePlan plan =
        new MessagePlan()
            .varint(ModelProto.IR_VERSION_FIELD_NUMBER, model.irVersion())
            .text(ModelProto.PRODUCER_NAME_FIELD_NUMBER, PRODUCER)
            .message(ModelProto.GRAPH_FIELD_NUMBER, created.graph(model.graph(), ScopePath.MAIN))
            .append(NewMessages.opsets(ModelProto.OPSET_IMPORT_FIELD_NUMBER, model.opsets()));
    model
        .functions()
        .forEach(
            function ->
                plan.message(ModelProto.FUNCTIONS_FIELD_NUMBER, created.function(function)));
    return plan;
  }

  /** The edited model. */
  MessagePlan model(ModelGraph edited, Map<String, String> metadata) {
    Map<Integer, MessagePlan> additions = new LinkedHashMap<>();
    additions.put(ModelProto.OPSET_IMPORT_FIELD_NUMBER, newOpsets(edited));
    additions.put(ModelProto.FUNCTIONS_FIELD_NUMBER, newFunctions(edited));
    Map<String, String> entries = new TreeMap<>(metadata);
    Map<Integer, Long> last = lastOfEachKind();
    MessagePlan plan = new MessagePlan();
    int functions = 0;
    boolean hasIrVersion = false;
    for (long at = 0; at < original.file().size(); ) {
      cursor.seek(at);
      cursor.next(original.file().size());
      int field = cursor.field();
      Part part =
          new Part(Role.OTHER, cursor.tagStart(), cursor.payload(), cursor.payloadEnd(), null);
      at = part.end();
      if (cursor.isDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
        graph(part, edited, plan);
      } else if (cursor.isDelimited(ModelProto.OPSET_IMPORT_FIELD_NUMBER)) {
        opset(part, edited, plan);
      } else if (cursor.isDelimited(ModelProto.FUNCTIONS_FIELD_NUMBER)) {
        function(part, original.graph().functions().get(functions++), edited, plan);
      } else if (cursor.isDelimited(ModelProto.METADATA_PROPS_FIELD_NUMBER)) {
        entry(part, metadata, entries, plan);
      } else if (field == ModelProto.IR_VERSION_FIELD_NUMBER
          && edited.irVersion() != original.graph().irVersion()) {
        plan.varint(field, edited.irVersion());
        hasIrVersion = true;
      } else {
        plan.copy(part);
      }
      if (last.get(field) != null && last.get(field) == part.start()) {
        addAfter(field, additions, entries, plan);
      }
    }
    if (edited.irVersion() != original.graph().irVersion() && !hasIrVersion) {
      plan.varint(ModelProto.IR_VERSION_FIELD_NUMBER, edited.irVersion());
    }
    for (int field : List.copyOf(additions.keySet())) {
      addAfter(field, additions, entries, plan);
    }
    addAfter(ModelProto.METADATA_PROPS_FIELD_NUMBER, additions, entries, plan);
    return plan;
  }

  private Map<Integer, Long> lastOfEachKind() {
    Map<Integer, Long> last = new LinkedHashMap<>();
    cursor.seek(0);
    while (cursor.next(original.file().size())) {
      if (cursor.isDelimited()
          && (cursor.field() == ModelProto.OPSET_IMPORT_FIELD_NUMBER
              || cursor.field() == ModelProto.FUNCTIONS_FIELD_NUMBER
              || cursor.field() == ModelProto.METADATA_PROPS_FIELD_NUMBER)) {
        last.put(cursor.field(), cursor.tagStart());
      }
    }
    return last;
  }

  /** Metadata is added last: by then those with a place of their own are known. */
  private static void addAfter(
      int field,
      Map<Integer, MessagePlan> additions,
      Map<String, String> entries,
      MessagePlan plan) {
    if (field == ModelProto.METADATA_PROPS_FIELD_NUMBER) {
      plan.append(NewMessages.metadata(field, entries));
      entries.clear();
    } else {
      MessagePlan addition = additions.remove(field);
      plan.append(addition == null ? new MessagePlan() : addition);
    }
  }

  private void graph(Part part, ModelGraph edited, MessagePlan plan) {
    if (edited.graph().equals(original.graph().graph())) {
      plan.copy(part);
    } else {
      ScopeLayout before = Objects.requireNonNull(original.index().scope(original.graph().graph()));
      plan.message(
          ModelProto.GRAPH_FIELD_NUMBER, scopes.graph(before, edited.graph(), ScopePath.MAIN));
    }
  }

  private void opset(Part part, ModelGraph edited, MessagePlan plan) {
    OperatorSetIdProto before =
        Gathered.parse(
            OperatorSetIdProto.parser(),
            cursor.copy(part.payload(), part.end()),
            cursor,
            part.payload());
    String domain = ModelReader.domain(before.getDomain());
    Long version = edited.opsets().get(domain);
    if (Objects.equals(version, original.graph().opsets().get(domain))) {
      plan.copy(part);
    } else if (version != null) {
      plan.message(
          ModelProto.OPSET_IMPORT_FIELD_NUMBER, before.toBuilder().setVersion(version).build());
    }
  }

  private MessagePlan newOpsets(ModelGraph edited) {
    Map<String, Long> added = new LinkedHashMap<>(edited.opsets());
    added.keySet().removeAll(original.graph().opsets().keySet());
    return NewMessages.opsets(ModelProto.OPSET_IMPORT_FIELD_NUMBER, added);
  }

  private void function(Part part, Function before, ModelGraph edited, MessagePlan plan) {
    for (Function after : edited.functions()) {
      if (isSame(before, after)) {
        if (after.equals(before)) {
          plan.copy(part);
        } else {
          plan.message(ModelProto.FUNCTIONS_FIELD_NUMBER, changed(before, after));
        }
      }
    }
  }

  private static boolean isSame(Function before, Function after) {
    return before.op().equals(after.op()) && before.overload().equals(after.overload());
  }

  private MessagePlan changed(Function before, Function after) {
    ScopeLayout scope = Objects.requireNonNull(original.index().function(before.body()));
    MessagePlan content = scopes.function(scope, after.body(), ScopePath.of(after));
    Map<String, Long> opsets = new LinkedHashMap<>(after.opsets());
    opsets.entrySet().removeAll(before.opsets().entrySet());
    if (before.opsets().keySet().stream().anyMatch(opsets::containsKey)
        || !after.opsets().keySet().containsAll(before.opsets().keySet())
        || !before.attributes().equals(after.attributes())) {
      throw new IllegalArgumentException(
          "of function %s only the body may change, and opsets be added".formatted(before.op()));
    }
    return content.append(NewMessages.opsets(FunctionProto.OPSET_IMPORT_FIELD_NUMBER, opsets));
  }

  private MessagePlan newFunctions(ModelGraph edited) {
    List<Function> added = new ArrayList<>(edited.functions());
    added.removeIf(
        after -> original.graph().functions().stream().anyMatch(before -> isSame(before, after)));
    MessagePlan plan = new MessagePlan();
    added.forEach(
        function ->
            plan.message(ModelProto.FUNCTIONS_FIELD_NUMBER, scopes.created().function(function)));
    return plan;
  }

  /** Replaces an entry whose key is given anew; {@code left} keeps those without a place so far. */
  private void entry(
      Part part, Map<String, String> metadata, Map<String, String> left, MessagePlan plan) {
    StringStringEntryProto before =
        Gathered.parse(
            StringStringEntryProto.parser(),
            cursor.copy(part.payload(), part.end()),
            cursor,
            part.payload());
    String value = metadata.get(before.getKey());
    if (value == null) {
      plan.copy(part);
    } else if (left.remove(before.getKey()) != null) {
      if (value.equals(before.getValue())) {
        plan.copy(part);
      } else {
        plan.message(
            ModelProto.METADATA_PROPS_FIELD_NUMBER, before.toBuilder().setValue(value).build());
      }
    }
  }
}
