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

import com.google.protobuf.ByteString;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads NodeProtos: names and documentation through the generated class, attributes one by one. */
final class NodeReader {
  private final ScanContext scan;
  private final AttributeReader attributes;

  NodeReader(ScanContext scan, ScopeReader scopes) {
    this.scan = scan;
    this.attributes = new AttributeReader(scan, scopes);
  }

  /**
   * Reads the default of a function's parameter. It is only copied, but what it refers to outside
   * the file is held to the same rules.
   *
   * @return the parameter, and what it is where a call does not pass it
   */
  AttributeReader.Named parameter(long start, long end, int depth) {
    int before = scan.index.externalRegions().size();
    AttributeReader.Named parameter = attributes.read(start, end, depth);
    scan.index.onlyCopiedSince(before);
    return parameter;
  }

  /** Reads the NodeProto in {@code [start, end)}, and leaves the cursor at its end. */
  Node read(long start, long end, int depth) {
    scan.budget.charge(ScanBudget.NODE, 0, start);
    int id = scan.index.nextNode();
    WireCursor cursor = scan.cursor;
    Gathered small = new Gathered(cursor, start);
    Map<String, Attribute> values = new LinkedHashMap<>();
    cursor.seek(start);
    while (cursor.next(end)) {
      switch (cursor.field()) {
        case NodeProto.ATTRIBUTE_FIELD_NUMBER -> {
          if (cursor.isDelimited()) {
            long attribute = cursor.payload();
            AttributeReader.Named named =
                attributes.read(attribute, cursor.payloadEnd(), depth + 1);
            if (values.put(named.name(), named.value()) != null) {
              throw cursor.malformed(
                  attribute, "each attribute once", "'" + named.name() + "' a second time");
            }
          }
        }
        case NodeProto.INPUT_FIELD_NUMBER,
            NodeProto.OUTPUT_FIELD_NUMBER,
            NodeProto.NAME_FIELD_NUMBER,
            NodeProto.OP_TYPE_FIELD_NUMBER,
            NodeProto.DOMAIN_FIELD_NUMBER,
            NodeProto.DOC_STRING_FIELD_NUMBER,
            NodeProto.METADATA_PROPS_FIELD_NUMBER ->
            small.addField();
        default -> {}
      }
    }
    NodeProto proto = small.parse(NodeProto.parser());
    int names = proto.getInputCount() + proto.getOutputCount();
    scan.budget.charge(names * ScanBudget.RANGE, small.length(), start);
    return new Node(
        id,
        scan.name(proto.getNameBytes(), start),
        new OpKind(
            scan.name(proto.getDomainBytes(), start), scan.name(proto.getOpTypeBytes(), start)),
        names(proto.getInputCount(), proto::getInputBytes, start),
        names(proto.getOutputCount(), proto::getOutputBytes, start),
        values,
        proto.getDocString(),
        metadata(proto.getMetadataPropsList()));
  }

  private List<String> names(
      int count, java.util.function.IntFunction<ByteString> bytes, long start) {
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(scan.name(bytes.apply(i), start));
    }
    return names;
  }

  static Map<String, String> metadata(List<StringStringEntryProto> entries) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : entries) {
      metadata.put(entry.getKey(), entry.getValue());
    }
    return metadata;
  }
}
