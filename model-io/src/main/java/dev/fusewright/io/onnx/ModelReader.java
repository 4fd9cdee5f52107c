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
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the outermost message: one pass over the file. */
final class ModelReader {
  /** What one pass yields. */
  record Result(ModelGraph graph, ModelIndex index, GraphFacts facts, List<String> dataFiles) {}

  private final ScanContext scan;
  private final ScopeReader scopes;
  private final Set<String> locations = new LinkedHashSet<>();

  ModelReader(FileBytes file, ReadLimits limits, Externals externals) {
    scan =
        new ScanContext(
            file,
            limits,
            (region, problem) -> {
              locations.add(region.location());
              return externals.source(region, problem);
            });
    scopes = new ScopeReader(scan);
  }

  Result read() {
    FileBytes file = scan.file;
    if (file.size() == 0) {
      throw new MalformedFileException(
          Problem.in(file.path()).expected("an ONNX model").found("an empty file"));
    }
    WireCursor cursor = scan.cursor;
    Gathered small = new Gathered(cursor, 0);
    @Nullable ScopeLayout main = null;
    List<Function> functions = new ArrayList<>();
    while (nextField(file)) {
      switch (cursor.field()) {
        case ModelProto.GRAPH_FIELD_NUMBER -> {
          if (cursor.isDelimited()) {
            if (main != null) {
              throw unsupported("one graph", "a second one");
            }
            main = scopes.graph(cursor.payload(), cursor.payloadEnd(), 2);
          }
        }
        case ModelProto.FUNCTIONS_FIELD_NUMBER -> {
          if (cursor.isDelimited()) {
            functions.add(
                scopes.function(
                    new Part(
                        Role.OTHER, cursor.tagStart(), cursor.payload(), cursor.payloadEnd(), null),
                    2));
          }
        }
        case ModelProto.TRAINING_INFO_FIELD_NUMBER ->
            throw unsupported(
                "a model for inference",
                "training_info, whose bindings name the graph's parameters");
        case ModelProto.IR_VERSION_FIELD_NUMBER,
            ModelProto.OPSET_IMPORT_FIELD_NUMBER,
            ModelProto.PRODUCER_NAME_FIELD_NUMBER,
            ModelProto.PRODUCER_VERSION_FIELD_NUMBER,
            ModelProto.MODEL_VERSION_FIELD_NUMBER,
            ModelProto.METADATA_PROPS_FIELD_NUMBER ->
            small.addField();
        default -> {}
      }
    }
    if (main == null) {
      throw new MalformedFileException(
          Problem.in(file.path())
              .expected("an ONNX model with a graph")
              .found("fields of some other protobuf message")
              .hint("Is this an ONNX file?"));
    }
    scan.budget.charge(ScanBudget.NODE, small.length(), 0);
    ModelProto proto = small.parse(ModelProto.parser());
    ModelGraph graph =
        new ModelGraph(
            proto.getIrVersion(), opsets(proto.getOpsetImportList()), main.graph(), functions);
    GraphFacts facts =
        new GraphFacts(
            OptionalLong.of(proto.getIrVersion()),
            graph.opsets(),
            proto.getProducerName(),
            proto.getProducerVersion(),
            proto.getModelVersion(),
            NodeReader.metadata(proto.getMetadataPropsList()));
    return new Result(graph, scan.index, facts, List.copyOf(locations));
  }

  /** Damage between the model's own fields is mostly a cut or another kind of file altogether. */
  private boolean nextField(FileBytes file) {
    try {
      return scan.cursor.next(file.size());
    } catch (MalformedFileException e) {
      throw new MalformedFileException(
          e.problem().hint("This is no ONNX model, or only the beginning of one"), e);
    }
  }

  private UnsupportedFormatException unsupported(String expected, String found) {
    return new UnsupportedFormatException(
        Problem.in(scan.file.path()).at(scan.cursor.tagStart()).expected(expected).found(found));
  }

  /** Versions by domain, {@code ai.onnx} under its empty name. */
  static Map<String, Long> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Long> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto set : imports) {
      opsets.put(domain(set.getDomain()), set.getVersion());
    }
    return opsets;
  }

  static String domain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }
}
